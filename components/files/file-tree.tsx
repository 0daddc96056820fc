'use client'
import {
  dragAndDropFeature,
  hotkeysCoreFeature,
  type ItemInstance,
  keyboardDragAndDropFeature,
  renamingFeature,
  selectionFeature,
  syncDataLoaderFeature,
} from '@headless-tree/core'
import { useTree } from '@headless-tree/react'
import clsx from 'clsx'
import { ChevronRight, CircleEllipsis, Download, File, FilePlus2, Folder, Play, Upload } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Tip } from '../ui/tip.tsx'
import { added, type FileList, FileListError, freeName, removed, renamed } from './file-list.ts'
import { folderOf, type Node, pathIn, treeOf } from './tree.ts'

/** The files of a draft: made, renamed, moved, thrown away, and which of them starts. */
export default function FileTree({
  list,
  active,
  newFile,
  onShow,
  onOpen,
  onChange,
  onUpload,
  onDownload,
  onRefused,
}: {
  list: FileList
  /** The path of the file that is shown. */
  active: string
  /** The name a new file begins with. */
  newFile: string
  /** This file is the one that is worked on, and the tree stays in sight. */
  onShow(path: string): void
  /** To write in it: where there is no room for both, in place of the tree. */
  onOpen(path: string): void
  /** `what` says what was done where it takes something away: "Deleted lib/a.py". */
  onChange(list: FileList, what: string | null): void
  onUpload(files: globalThis.FileList): void
  onDownload(): void
  /** Why something cannot be. */
  onRefused(why: string): void
}) {
  const nodes = useMemo(() => treeOf(list.files), [list.files])
  const upload = useRef<HTMLInputElement>(null)
  const [renaming, setRenaming] = useState<string | null>(null)

  function attempt(change: () => FileList, what: string | null = null): boolean {
    try {
      onChange(change(), what)
      return true
    } catch (error) {
      if (!(error instanceof FileListError)) throw error
      onRefused(error.message)
      return false
    }
  }
  const rename = (from: string, to: string) => {
    const opened = active === from ? to : active.startsWith(`${from}/`) ? to + active.slice(from.length) : null
    if (attempt(() => renamed(list, from, to)) && opened) onShow(opened)
  }

  const tree = useTree<Node>({
    rootItemId: '',
    getItemName: (item) => item.getItemData().name,
    isItemFolder: (item) => item.getItemData().kind === 'folder',
    dataLoader: {
      getItem: (path) => nodes.get(path) ?? { path, name: path, kind: 'file', children: [] },
      getChildren: (path) => nodes.get(path)?.children ?? [],
    },
    initialState: { expandedItems: [...nodes.keys()] },
    indent: 14,
    onPrimaryAction: (item) => {
      const { kind, path } = item.getItemData()
      if (kind === 'file') onOpen(path)
    },
    onRename: (item, name) => {
      const { path } = item.getItemData()
      const folder = folderOf(path)
      rename(path, folder === '' ? name.trim() : `${folder}/${name.trim()}`)
    },
    canReorder: false,
    canDrop: (items, { item: target }) => items.every((item) => folderOf(item.getItemData().path) !== folderAt(target)),
    onDrop: (items, { item: target }) => {
      const folder = folderAt(target)
      attempt(() =>
        items.reduce((all, item) => renamed(all, item.getItemData().path, pathIn(folder, item.getItemData().path)), list),
      )
    },
    features: [
      syncDataLoaderFeature,
      selectionFeature,
      hotkeysCoreFeature,
      dragAndDropFeature,
      keyboardDragAndDropFeature,
      renamingFeature,
    ],
  })

  // biome-ignore lint/correctness/useExhaustiveDependencies: the tree keeps what it has read until it is told.
  useEffect(() => {
    tree.rebuildTree()
    for (let folder = folderOf(active); folder !== ''; folder = folderOf(folder)) {
      if (nodes.has(folder)) tree.getItemInstance(folder).expand()
    }
  }, [nodes, active])
  useEffect(() => {
    if (renaming === null || !nodes.has(renaming)) return
    setRenaming(null)
    // Once the tree knows of it.
    requestAnimationFrame(() => tree.getItemInstance(renaming).startRenaming())
  }, [renaming, nodes, tree])

  function add() {
    const path = freeName(list, newFile)
    if (!attempt(() => added(list, { path, content: '' }))) return
    onShow(path)
    setRenaming(path)
  }
  const remove = (path: string) => attempt(() => removed(list, path), `Deleted ${path}`)

  return (
    <section aria-label="Files" className="flex min-h-0 flex-1 flex-col bg-panel">
      <header className="flex h-11 shrink-0 items-center border-line border-b pr-1 pl-3">
        <h2 className="mr-auto font-medium text-[0.8125rem]">Files</h2>
        <IconButton text="New file" onClick={add}>
          <FilePlus2 className="size-4" aria-hidden />
        </IconButton>
        <IconButton text="Add files or a zip from this computer" onClick={() => upload.current?.click()}>
          <Upload className="size-4" aria-hidden />
        </IconButton>
        <IconButton text="Download all as a zip" onClick={onDownload}>
          <Download className="size-4" aria-hidden />
        </IconButton>
        <input
          ref={upload}
          type="file"
          multiple
          hidden
          data-testid="upload"
          onChange={(event) => {
            if (event.target.files?.length) onUpload(event.target.files)
            event.target.value = ''
          }}
        />
      </header>
      <div {...tree.getContainerProps('Files')} className="min-h-0 flex-1 overflow-y-auto p-1.5 outline-none">
        {tree.getItems().map((item) => (
          <Row
            key={item.getId()}
            item={item}
            active={item.getId() === active}
            starts={item.getId() === list.entry}
            onKeyDown={(key) => {
              if (key === 'Delete') remove(item.getId())
            }}
            menu={[
              ...(item.getItemData().kind === 'file' && item.getId() !== list.entry
                ? [{ label: 'Start here', run: () => onChange({ ...list, entry: item.getId() }, null) }]
                : []),
              { label: 'Rename', run: () => requestAnimationFrame(() => item.startRenaming()) },
              { label: 'Delete', run: () => void remove(item.getId()) },
            ]}
          />
        ))}
      </div>
    </section>
  )
}

const folderAt = (item: ItemInstance<Node>): string => {
  const { kind, path } = item.getItemData()
  return kind === 'folder' ? path : folderOf(path)
}

function Row({
  item,
  active,
  starts,
  menu,
  onKeyDown,
}: {
  item: ItemInstance<Node>
  active: boolean
  starts: boolean
  menu: { label: string; run(): void }[]
  onKeyDown(key: string): void
}) {
  const { kind } = item.getItemData()
  const indent = { paddingLeft: item.getItemMeta().level * 14 + 6 }
  if (item.isRenaming()) {
    return (
      <div style={indent} className="flex h-7 items-center pr-1">
        <input
          {...item.getRenameInputProps()}
          aria-label={`New name of ${item.getItemName()}`}
          spellCheck={false}
          autoCapitalize="off"
          className="h-6 w-full min-w-0 rounded border border-accent bg-panel px-1.5 font-mono text-[16px] outline-none md:text-xs"
        />
      </div>
    )
  }
  const props = item.getProps()
  return (
    <div className="group relative">
      <button
        type="button"
        {...props}
        onKeyDown={(event) => {
          props.onKeyDown?.(event)
          onKeyDown(event.key)
        }}
        style={indent}
        aria-current={active || undefined}
        className={clsx(
          'flex h-7 w-full items-center gap-1.5 rounded-md pr-8 text-left font-mono text-xs focus-visible:outline-offset-[-2px]',
          active ? 'bg-hover text-ink' : 'text-ink-soft hover:bg-hover',
          item.isUnorderedDragTarget() && 'outline-2 outline-accent',
        )}
      >
        {kind === 'folder' ? (
          <>
            <ChevronRight
              className={clsx('size-3 shrink-0 text-ink-faint transition-transform', item.isExpanded() && 'rotate-90')}
              aria-hidden
            />
            <Folder className="size-3.5 shrink-0 text-ink-faint" aria-hidden />
          </>
        ) : (
          <File className="ml-[1.125rem] size-3.5 shrink-0 text-ink-faint" aria-hidden />
        )}
        <bdi className="truncate">{item.getItemName()}</bdi>
        {starts && (
          <span className="flex shrink-0 items-center text-accent">
            <Play className="size-2.5 fill-current" aria-hidden />
            <span className="sr-only">(starts)</span>
          </span>
        )}
      </button>
      <DropdownMenu.Root>
        <DropdownMenu.Trigger asChild>
          <button
            type="button"
            aria-label={`What to do with ${item.getItemName()}`}
            className="absolute top-0.5 right-0.5 grid size-6 place-items-center rounded text-ink-faint opacity-0 hover:bg-hover hover:text-ink focus-visible:opacity-100 group-focus-within:opacity-100 group-hover:opacity-100 data-[state=open]:opacity-100 max-md:opacity-100"
          >
            <CircleEllipsis className="size-3.5" aria-hidden />
          </button>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align="end"
            sideOffset={4}
            onCloseAutoFocus={(event) => event.preventDefault()}
            className="z-50 min-w-32 animate-appear rounded-lg border border-line bg-raised p-1 shadow-pop"
          >
            {menu.map(({ label, run }) => (
              <DropdownMenu.Item
                key={label}
                onSelect={run}
                className="rounded-md px-2.5 py-1.5 text-[0.8125rem] outline-none data-[highlighted]:bg-hover"
              >
                {label}
              </DropdownMenu.Item>
            ))}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </div>
  )
}

function IconButton({ text, onClick, children }: { text: string; onClick(): void; children: ReactNode }) {
  return (
    <Tip text={text}>
      <Button look="quiet" size="icon" aria-label={text} onClick={onClick}>
        {children}
      </Button>
    </Tip>
  )
}
