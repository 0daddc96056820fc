'use client'
import { Wand2, X } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import type { Pasted } from './paste.ts'

/** Offers to take a pasted text for what it seems to be. */
export function PasteOffer({
  pasted,
  nameOf,
  onAccept,
  onDismiss,
}: {
  pasted: Pasted
  /** Of a language, for people. */
  nameOf(language: string): string
  onAccept(): void
  onDismiss(): void
}) {
  return (
    <div
      role="status"
      className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1.5 border-line border-b bg-accent-wash px-4 py-2 text-[0.8125rem]"
    >
      <Wand2 className="size-4 shrink-0 text-accent" aria-hidden />
      <p className="min-w-0 flex-1">{wordsOf(pasted, nameOf)}</p>
      {(pasted.kind === 'markdown' || pasted.kind === 'code') && (
        <Button size="small" look="primary" onClick={onAccept}>
          {pasted.kind === 'markdown' && pasted.files.length > 1 ? 'Use as files' : `Use as ${nameOf(pasted.language ?? '')}`}
        </Button>
      )}
      <Button size="small" look="quiet" onClick={onDismiss} aria-label="Keep it as it is">
        <X className="size-3.5" aria-hidden />
      </Button>
    </div>
  )
}

function wordsOf(pasted: Pasted, nameOf: (language: string) => string): string {
  switch (pasted.kind) {
    case 'stack-trace': {
      const place = pasted.place ? ` It failed at ${pasted.place}.` : ''
      return `This is a stack trace of ${nameOf(pasted.language)}, not a program.${place} Paste the code it came from to run it.`
    }
    case 'address':
      return `This is where code is on ${pasted.host}, not the code. This page asks no other server: open the address, copy what is there, and paste that.`
    case 'code':
      return `This looks like ${nameOf(pasted.language)}.`
    case 'markdown': {
      const count = pasted.files.length
      const what = count === 1 ? pasted.files[0]?.path : `${count} files`
      const input = pasted.stdin === '' ? '' : ' and input'
      return `This is a text with ${what}${input} in it${pasted.language ? `, in ${nameOf(pasted.language)}` : ''}.`
    }
    default:
      return pasted satisfies never
  }
}
