import { Download } from 'lucide-react'
import { lazy, Suspense } from 'react'
import type { Artifact } from '../../protocol/transcript.ts'
import { bytes } from '../../protocol/words.ts'
import { Finding } from './findings.tsx'
import { isTable } from './is-table.ts'

const TableView = lazy(() => import('./table-view.tsx'))

/** What the program left: pictures and tables are shown, the rest can be saved. */
export function Files({ runId, artifacts }: { runId: string; artifacts: readonly Artifact[] }) {
  const pictures = artifacts.filter(({ media_type }) => media_type.startsWith('image/'))
  const others = artifacts.filter((artifact) => !pictures.includes(artifact))
  return (
    <Finding title={artifacts.length === 1 ? 'A file it left' : 'Files it left'}>
      {pictures.length > 0 && (
        <div className="flex flex-wrap gap-3">
          {pictures.map(({ path, bytes: size }) => (
            <figure key={path} className="max-w-full">
              <a href={addressOf(runId, path)} target="_blank" rel="noreferrer">
                {/* An image element runs nothing of what an SVG may hold. White, since plots are drawn for paper. */}
                {/* biome-ignore lint/performance/noImgElement: the bytes are a run's, there is nothing to optimise ahead. */}
                <img
                  src={addressOf(runId, path)}
                  alt={`${path}, drawn by the program`}
                  className="max-h-80 max-w-full rounded-lg border border-line bg-white"
                />
              </a>
              <figcaption className="mt-1 text-ink-faint text-xs">
                <bdi className="font-mono">{path}</bdi> · {bytes(size)}
              </figcaption>
            </figure>
          ))}
        </div>
      )}
      {others.length > 0 && (
        <ul className="mt-1 space-y-1">
          {others.map(({ path, bytes: size }) => (
            <li key={path} className="space-y-1.5">
              {isTable(path) && (
                <Suspense fallback={null}>
                  <TableView path={path} address={addressOf(runId, path)} size={size} />
                </Suspense>
              )}
              <a
                href={addressOf(runId, path)}
                download={path.split('/').at(-1)}
                className="inline-flex items-center gap-1.5 text-accent hover:underline"
              >
                <Download className="size-3.5" aria-hidden />
                <bdi className="font-mono text-xs">{path}</bdi>
                <span className="text-ink-faint text-xs">{bytes(size)}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </Finding>
  )
}

const addressOf = (runId: string, path: string): string =>
  `/api/runs/${runId}/artifacts/${path.split('/').map(encodeURIComponent).join('/')}`
