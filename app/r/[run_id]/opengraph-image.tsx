import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ImageResponse } from 'next/og'
import { Ghost } from '../../../components/brand/ghost.tsx'
import { toneOfRun } from '../../../components/run/tone.ts'
import { bytes, seconds } from '../../../protocol/words.ts'
import { findRun } from './find-run.ts'
import { drawable, type PictureLines, pictureLines } from './picture-lines.ts'

export const alt = 'The code of this run, and how it ended'
export const size = { width: 1200, height: 630 }
export const contentType = 'image/png'

const inks = { good: '#4fcb8d', bad: '#ff8088', limit: '#f2b65a', neutral: '#aeaebd', live: '#a79bff' }
const faint = '#6f6f80'

/** The picture beside a link in a chat: who is given the link may see the code, so the picture shows the lines that matter. */
export default async function RunImage({ params }: { params: Promise<{ run_id: string }> }) {
  const run = await findRun((await params).run_id)
  if (!run) return new Response('There is no run with this address.', { status: 404 })
  const code = pictureLines(run)
  const message = drawable(run.message)
  const ink = inks[toneOfRun(run)]
  const facts = [
    `${run.language} ${run.version}`,
    ...(run.duration_ms === null ? [] : [seconds(run.duration_ms)]),
    ...(run.usage ? [bytes(run.usage.memory_peak_bytes)] : []),
  ]
  return new ImageResponse(
    <div
      style={{
        width: '100%',
        height: '100%',
        display: 'flex',
        flexDirection: 'column',
        justifyContent: 'space-between',
        padding: '40px 56px',
        background: '#0f0f15',
        color: '#ededf3',
      }}
    >
      <div style={{ display: 'flex', alignItems: 'center', justifyContent: 'space-between', fontSize: 30 }}>
        <div style={{ display: 'flex', alignItems: 'center', gap: 16 }}>
          <div style={{ display: 'flex', color: '#a79bff' }}>
            <Ghost size={48} />
          </div>
          Bug Ghost
        </div>
        <div style={{ display: 'flex', gap: 32, fontSize: 26, color: '#aeaebd' }}>
          {facts.map((fact) => (
            <div key={fact} style={{ display: 'flex' }}>
              {fact}
            </div>
          ))}
        </div>
      </div>
      {code && <Code code={code} wrong={ink} />}
      <div style={{ display: 'flex', flexDirection: 'column', gap: 6 }}>
        <div style={{ display: 'flex', fontSize: sizeOf(message, code !== null), lineHeight: 1.2, color: ink }}>{message}</div>
        {code?.mistake && <div style={{ display: 'flex', fontSize: 26, color: '#aeaebd' }}>{code.mistake}</div>}
      </div>
    </div>,
    { ...size, fonts: [{ name: 'code', data: await codeFont() }] },
  )
}

function Code({ code, wrong }: { code: PictureLines; wrong: string }) {
  const digits = String(code.lines.at(-1)?.number ?? 1).length
  return (
    <div
      style={{
        display: 'flex',
        flexDirection: 'column',
        padding: '18px 0',
        border: '1px solid #2a2a36',
        borderRadius: 16,
        background: '#15151d',
        fontFamily: 'code',
        fontSize: 25,
      }}
    >
      <div style={{ display: 'flex', justifyContent: 'space-between', padding: '0 28px 10px', fontSize: 20, color: faint }}>
        <div style={{ display: 'flex' }}>{code.path}</div>
        <div style={{ display: 'flex' }}>{code.more > 0 ? `${code.more} more ${code.more === 1 ? 'line' : 'lines'}` : ''}</div>
      </div>
      {code.lines.map(({ number, text, isWrong }) => (
        <div
          key={number}
          style={{
            display: 'flex',
            padding: '0 28px 0 25px',
            lineHeight: 1.42,
            whiteSpace: 'pre',
            borderLeft: `3px solid ${isWrong ? wrong : 'transparent'}`,
            background: isWrong ? '#2a1a20' : 'transparent',
          }}
        >
          <div style={{ display: 'flex', color: isWrong ? wrong : faint }}>{`${String(number).padStart(digits)}  `}</div>
          <div style={{ display: 'flex' }}>{text}</div>
        </div>
      ))}
    </div>
  )
}

function sizeOf(message: string, besideCode: boolean): number {
  if (message.length > 80) return 30
  return besideCode ? 40 : 64
}

const codeFont = () =>
  readFile(join(process.cwd(), 'node_modules/@fontsource/jetbrains-mono/files/jetbrains-mono-latin-400-normal.woff'))
