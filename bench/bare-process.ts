import { Writable } from 'node:stream'
import type Docker from 'dockerode'
import type { PlainStep } from './plain-commands.ts'

/**
 * The same program as plain local processes: fork, exec, read the output, wait, one command after the other, timed inside the image by a small
 * perl (part of every Debian), in a container without any limit, capability or system call taken away. No engine call is part of the time.
 */
export async function openBareProcess(
  docker: Docker,
  options: { imageId: string; files: Record<string, string>; steps: readonly PlainStep[] },
) {
  const container = await docker.createContainer({
    Image: options.imageId,
    Entrypoint: ['perl', '-e', timer, clockGettime[(await docker.version()).Arch] ?? '228'],
    Cmd: [],
    WorkingDir: '/workspace',
    Env: ['PATH=/usr/local/bin:/usr/bin:/bin', 'HOME=/tmp', 'LANG=C.UTF-8'],
    Labels: { 'bugghost.bench': 'bare' },
    OpenStdin: true,
    StdinOnce: true,
    NetworkDisabled: true,
    HostConfig: { SecurityOpt: ['seccomp=unconfined'], AutoRemove: true, LogConfig: { Type: 'none', Config: {} } },
  })
  const stream = await container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true })
  const lines = createLines()
  docker.modem.demuxStream(stream, lines.sink, process.stderr)
  stream.on('end', () => lines.end())
  await container.start()
  const hex = (text: string) => Buffer.from(text).toString('hex')
  let round = 0
  /** With one blank line more each time: a program of which no compiler has kept anything, as it is in a fresh sandbox. */
  async function writeFiles() {
    round++
    for (const [path, content] of Object.entries(options.files)) {
      stream.write(`file ${hex(path)} ${hex(content + '\n'.repeat(round))}\n`)
      await lines.next()
    }
  }
  for (const { argv, env } of options.steps) {
    const words = [argv.length, ...argv, ...Object.entries(env).flat()]
    stream.write(`step ${hex(words.join('\0'))}\n`)
    await lines.next()
  }
  return {
    /** All the commands, one after the other; `exitCode` is of the last that ran. */
    async run(): Promise<{ ms: number; stdout: string; exitCode: number }> {
      await writeFiles()
      stream.write('run\n')
      const [took, exitCode, output] = (await lines.next()).split(' ')
      return { ms: Number(took), exitCode: Number(exitCode), stdout: Buffer.from(output ?? '', 'hex').toString() }
    },
    close: () => stream.end(),
  }
}

/** The number of clock_gettime(2): the perl of a minimal Debian has no module for a clock this fine. */
const clockGettime: Record<string, string> = { amd64: '228', arm64: '113' }

function createLines() {
  let text = ''
  const ready: string[] = []
  const waiting: PromiseWithResolvers<string>[] = []
  let ended = false
  const sink = new Writable({
    write(bytes: Buffer, _, done) {
      text += bytes.toString()
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const line = text.slice(0, end)
        text = text.slice(end + 1)
        const next = waiting.shift()
        if (next) next.resolve(line)
        else ready.push(line)
      }
      done()
    },
  })
  return {
    sink,
    next(): Promise<string> {
      const line = ready.shift()
      if (line !== undefined) return Promise.resolve(line)
      if (ended) return Promise.reject(new Error('the bare process in the image ended'))
      const next = Promise.withResolvers<string>()
      waiting.push(next)
      return next.promise
    },
    end(): void {
      ended = true
      for (const next of waiting.splice(0)) next.reject(new Error('the bare process in the image ended'))
    },
  }
}

const timer = `
$| = 1;
my $clock_gettime = 0 + shift @ARGV;
my @steps;
sub now { my $spec = "\\0" x 16; syscall($clock_gettime, 1, $spec); my ($s, $ns) = unpack('qq', $spec); return $s * 1000 + $ns / 1e6 }
while (my $line = <STDIN>) {
  chomp $line;
  if ($line =~ /^file (\\S+) (\\S*)$/) { my ($path, $bytes) = (pack('H*', $1), pack('H*', $2)); open(my $f, '>', $path); print $f $bytes; close $f; print "done\\n"; next }
  if ($line =~ /^step (\\S+)$/) {
    my ($count, @words) = split /\\0/, pack('H*', $1), -1;
    my @argv = splice @words, 0, $count;
    push @steps, { argv => [@argv], env => {@words} };
    print "done\\n";
    next;
  }
  my ($out, $code) = ('', 0);
  my $from = now();
  for my $step (@steps) {
    pipe(my $r, my $w);
    my $pid = fork;
    if (!$pid) { %ENV = %{$step->{env}}; open(STDIN, '<', '/dev/null'); open(STDOUT, '>&', $w); exec { $step->{argv}[0] } @{$step->{argv}} or exit 127 }
    close $w;
    $out .= do { local $/; <$r> } // '';
    waitpid($pid, 0);
    $code = $? & 127 ? 128 + ($? & 127) : $? >> 8;
    last if $code;
  }
  printf "%.3f %d %s\\n", now() - $from, $code, unpack('H*', $out);
}
`
