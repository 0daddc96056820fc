const event = 'bugghost:editor-begun'
/** An editor that does not come must not keep the page from coming to life: it is the page that says what is wrong. */
const patienceMs = 3_000

/** Said by the editor's script when it has done what it can do before the page. */
export function tellEditorHasBegun(): void {
  document.documentElement.dataset.editorBegun = ''
  dispatchEvent(new Event(event))
}

/** Resolves when the editor's script has done its part, or there is none to wait for. On the server it resolves at once. */
export function editorHasBegun(): Promise<void> {
  if (typeof document === 'undefined' || 'editorBegun' in document.documentElement.dataset) return Promise.resolve()
  // A page that was come to from another one of ours has no such script in it.
  const script = document.querySelector<HTMLScriptElement>('script[type=module][src^="/_editor/"]')
  if (!script) return Promise.resolve()
  return new Promise((resolve) => {
    const goOn = () => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(goOn, patienceMs)
    addEventListener(event, goOn, { once: true })
    script.addEventListener('error', goOn, { once: true })
  })
}
