import { describe, expect, test } from 'vitest'
import { placesIn } from './places.ts'

const paths = ['main.py', 'lib/a.js', 'Main.java', 'a.c']
const found = (text: string) =>
  placesIn(text, paths).map(({ start, end, path, line, column }) => [text.slice(start, end), path, line, column])

describe('a place in the code', () => {
  test.each([
    ['  File "/workspace/main.py", line 18, in f', ['main.py", line 18', 'main.py', 18, undefined]],
    ['main.py:3: warning', ['main.py:3', 'main.py', 3, undefined]],
    ['    at f (/workspace/lib/a.js:2:7)', ['lib/a.js:2:7', 'lib/a.js', 2, 7]],
    ['    at file:///workspace/lib/a.js:2:7', ['lib/a.js:2:7', 'lib/a.js', 2, 7]],
    ['\tat Main.main(Main.java:5)', ['Main.java:5', 'Main.java', 5, undefined]],
    ['./a.c:9:1: error', ['a.c:9:1', 'a.c', 9, 1]],
    ['in /workspace/main.py on line 4', ['main.py on line 4', 'main.py', 4, undefined]],
  ])('is found in %j', (text, place) => expect(found(text)).toEqual([place]))

  test('is found twice', () => expect(found('main.py:1 main.py:2').map(([, , line]) => line)).toEqual([1, 2]))

  test.each([
    'other.py:3',
    'xmain.py:3',
    '/usr/lib/main.py:3',
    'lib/main.py:3',
    'main.py',
    'main.py:0',
    'main.py:3abc',
    'at 10:30:15',
  ])('is none: %j', (text) => expect(found(text)).toEqual([]))
})
