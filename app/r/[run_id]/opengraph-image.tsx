import { ImageResponse } from 'next/og'
import { Ghost } from '../../../components/brand/ghost.tsx'
import { toneOfRun } from '../../../components/run/tone.ts'
import { bytes, seconds } from '../../../protocol/words.ts'
import { findRun } from './find-run.ts'

export const alt = 'How this run ended'
export const size = { width: 1200, height: 630 }
export const contentType = 'image/png'

const inks = { good: '#4fcb8d', bad: '#ff8088', limit: '#f2b65a', neutral: '#aeaebd', live: '#a79bff' }

/**
 * The picture beside a link in a chat. None of the program's own text is in it: a paste may hold a secret, chats keep previews,
 * and a character that the font lacks would be looked for on the internet.
 */
export default async function RunImage({ params }: { params: Promise<{ run_id: string }> }) {
  const run = await findRun((await params).run_id)
  if (!run) return new Response('There is no run with this address.', { status: 404 })
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
        padding: 72,
        background: '#0f0f15',
        color: '#ededf3',
      }}
    >
      <div style={{ display: 'flex', alignItems: 'center', gap: 20, fontSize: 36 }}>
        <div style={{ display: 'flex', color: '#a79bff' }}>
          <Ghost size={64} />
        </div>
        Bug Ghost
      </div>
      <div
        style={{ display: 'flex', fontSize: run.message.length > 40 ? 56 : 76, lineHeight: 1.15, color: inks[toneOfRun(run)] }}
      >
        {run.message}
      </div>
      <div style={{ display: 'flex', gap: 40, fontSize: 34, color: '#aeaebd' }}>
        {facts.map((fact) => (
          <div key={fact} style={{ display: 'flex' }}>
            {fact}
          </div>
        ))}
      </div>
    </div>,
    size,
  )
}
