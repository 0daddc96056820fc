import { Columns2, PanelLeft, Rows2 } from 'lucide-react'
import { Hint } from '../actions/shortcut.tsx'
import { Button } from '../ui/button.tsx'
import { Tip } from '../ui/tip.tsx'

export function FilesButton({ open, onToggle }: { open: boolean; onToggle(): void }) {
  return (
    <Tip text={<Hint text={open ? 'Hide the files' : 'All files'} keys="Mod+b" />}>
      <Button
        look="quiet"
        size="icon"
        aria-label="All files"
        aria-pressed={open}
        onClick={onToggle}
        className="ml-0.5 max-md:hidden"
      >
        <PanelLeft className="size-4" aria-hidden />
      </Button>
    </Tip>
  )
}

export type Layout = 'beside' | 'stacked'
export function LayoutButton({ layout, onChange }: { layout: Layout; onChange(layout: Layout): void }) {
  const other = layout === 'beside' ? 'stacked' : 'beside'
  const text = other === 'stacked' ? 'Output below the code' : 'Output beside the code'
  return (
    <Tip text={text}>
      <Button look="quiet" size="icon" aria-label={text} onClick={() => onChange(other)} className="max-md:hidden">
        {other === 'stacked' ? <Rows2 className="size-4" aria-hidden /> : <Columns2 className="size-4" aria-hidden />}
      </Button>
    </Tip>
  )
}
