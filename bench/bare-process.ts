import { Writable } from 'node:stream'
import type Docker from 'dockerode'

/**
 * The same program as a plain local process: fork, exec, read its output, wait, timed inside the image by a small perl (part of every Debian),
 * in a container without any limit, capability or system call taken away. No engine call is part of the time.
 */
export async function openBareProcess(
  docker: Docker,
  options: { imageId: string; files: Record<string, string>; argv: readonly string[] },
) {
  const container = await docker.createContainer({
    Image: options.imageId,
    Entrypoint: ['perl', '-e', timer, clockGettime[(await docker.version()).Arch] ?? '228', ...options.argv],
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
  for (const [path, content] of Object.entries(options.files)) {
    stream.write(`file ${path} ${Buffer.from(content).toString('hex')}\n`)
    await lines.next()
  }
  return {
    async run(): Promise<{ ms: number; stdout: string }> {
      stream.write('run\n')
      const [took, hex] = (await lines.next()).split(' ')
      return { ms: Number(took), stdout: Buffer.from(hex ?? '', 'hex').toString() }
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
sub now { my $spec = "\\0" x 16; syscall($clock_gettime, 1, $spec); my ($s, $ns) = unpack('qq', $spec); return $s * 1000 + $ns / 1e6 }
while (my $line = <STDIN>) {
  chomp $line;
  if ($line =~ /^file (\\S+) (\\S*)$/) { open(my $f, '>', $1); print $f pack('H*', $2); close $f; print "done\\n"; next }
  pipe(my $r, my $w);
  my $from = now();
  my $pid = fork;
  if (!$pid) { open(STDIN, '<', '/dev/null'); open(STDOUT, '>&', $w); exec @ARGV or exit 127 }
  close $w;
  my $out = do { local $/; <$r> };
  waitpid($pid, 0);
  printf "%.3f %s\\n", now() - $from, unpack('H*', $out);
}
`
