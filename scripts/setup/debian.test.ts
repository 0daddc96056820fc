import { expect, test } from 'vitest'
import { debianFamily, mirrorsIn } from './debian.mjs'

const own = 'http://deb.debian.org/debian'
const list = (text: string) => [{ path: '/etc/apt/sources.list', text }]
const sources = (text: string) => [{ path: '/etc/apt/sources.list.d/debian.sources', text }]

test.each([
  ['without any source, Debian itself is asked', [], [own]],
  [
    'a mirror goes before Debian itself',
    list('deb http://mirror.lan/debian/ bookworm main\n'),
    ['http://mirror.lan/debian', own],
  ],
  [
    'options in brackets and other suites do not matter',
    list('deb [arch=amd64 signed-by=/x.gpg] https://mirror.lan/debian-remote sid main'),
    ['https://mirror.lan/debian-remote', own],
  ],
  [
    'every address of a stanza counts, once',
    sources(
      `Types: deb\nURIs: http://a.lan/debian http://b.lan/debian\nSuites: bookworm bookworm-updates\nComponents: main\n\nTypes: deb\nURIs: ${own}\nSuites: bookworm\n`,
    ),
    ['http://a.lan/debian', 'http://b.lan/debian', own],
  ],
  ['security updates alone are no Debian', list('deb http://mirror.lan/debian-security bookworm-security main'), [own]],
  ['sources of others are no Debian', list('deb https://deb.nodesource.com/node_20.x nodistro main'), [own]],
  ['Ubuntu is no Debian', list('deb http://archive.ubuntu.com/ubuntu noble main'), [own]],
  [
    'a snapshot is too old to be asked',
    list('deb http://snapshot.debian.org/archive/debian/20250520T000000Z bookworm main'),
    [own],
  ],
  ['a comment is not a source', list('# deb http://mirror.lan/debian bookworm main'), [own]],
  [
    'a disabled stanza is not a source',
    sources('Types: deb\nEnabled: no\nURIs: http://mirror.lan/debian\nSuites: bookworm'),
    [own],
  ],
  ['source code is not packages', sources('Types: deb-src\nURIs: http://mirror.lan/debian\nSuites: bookworm'), [own]],
  ['a disc is not a mirror', list('deb cdrom:[Debian GNU/Linux 12]/ bookworm main'), [own]],
])('%s', (_, texts, mirrors) => expect(mirrorsIn(texts)).toEqual(mirrors))

test.each([
  ['Debian', 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n', 'debian'],
  ['Ubuntu', 'ID=ubuntu\nID_LIKE=debian\n', 'ubuntu'],
  ['what stands on Ubuntu', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'ubuntu'],
  ['what stands on Debian', 'ID=raspbian\nID_LIKE=debian\n', 'debian'],
  ['Fedora', 'ID=fedora\n', null],
  ['no Linux at all', '', null],
])('%s is known by its os-release', (_, text, family) => expect(debianFamily(text)).toBe(family))
