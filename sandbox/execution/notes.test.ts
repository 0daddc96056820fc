import { expect, test } from 'vitest'
import { notesOf } from './notes.ts'

const python = `Traceback (most recent call last):
  File "/workspace/main.py", line 2, in <module>
    s = socket.socket()
PermissionError: [Errno 1] Operation not permitted`
const node = 'Error: listen EPERM: operation not permitted 0.0.0.0:8080'
const java = 'Exception in thread "main" java.net.SocketException: Operation not permitted'
const go = 'panic: listen tcp :8080: socket: operation not permitted'
const ruby = 'main.rb:2:in \'initialize\': Operation not permitted - socket(2) for "localhost" port 80 (Errno::EPERM)'

test.each([
  ['Python', python],
  ['Node', node],
  ['Java', java],
  ['Go', go],
  ['Ruby', ruby],
])('a %s program that was refused a socket is told that sockets are refused here', (_, stderrTail) => {
  expect(notesOf({ stderrTail, mayTalkToItself: false })).toEqual([expect.stringContaining('refuses network sockets')])
})

test.each([
  ['a file it may not write', "PermissionError: [Errno 1] Operation not permitted: '/etc/passwd'"],
  ['a socket it mentions', 'socket.timeout: timed out'],
  ['nothing', ''],
])('one whose last words are of %s is not', (_, stderrTail) =>
  expect(notesOf({ stderrTail, mayTalkToItself: false })).toEqual([]),
)

test('where sockets work, a refusal is something else', () =>
  expect(notesOf({ stderrTail: python, mayTalkToItself: true })).toEqual([]))
