'use client'
import { type ComponentProps, lazy, Suspense } from 'react'
import { editorHasBegun } from '../editor/begun.ts'

/**
 * The workbench, come to life after the editor has. The HTML shows both from the start; but a browser does one thing at a time, and what a
 * person waits for is to read and write. So React's work on the rest of the page begins when the editor stands.
 */
export const WorkbenchAfterTheEditor = (props: ComponentProps<typeof Workbench>) => (
  <Suspense>
    <Workbench {...props} />
  </Suspense>
)

const Workbench = lazy(async () => {
  await editorHasBegun()
  return { default: (await import('./workbench.tsx')).Workbench }
})
