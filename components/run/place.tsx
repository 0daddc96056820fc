import { createContext, type ReactNode, useContext } from 'react'

/** A place in a file of the run. Lines and columns count from 1. */
export type Place = { path: string; line: number; column?: number }

type Places = { paths: readonly string[]; go(place: Place): void }
const Places = createContext<Places>({ paths: [], go() {} })

/** Makes the places named below it lead into the code, where they are in one of these files. */
export const PlacesProvider = ({ places, children }: { places: Places; children: ReactNode }) => (
  <Places value={places}>{children}</Places>
)

export const usePlaces = (): Places => useContext(Places)

/** "main.py:3:5", leading there where it can. */
export function PlaceLink({ place, children }: { place: Place; children?: ReactNode }) {
  const { paths, go } = usePlaces()
  const text = children ?? [place.path, place.line > 0 ? place.line : null, place.column].filter((part) => part != null).join(':')
  if (!paths.includes(place.path) || place.line < 1) return <bdi>{text}</bdi>
  return (
    <button
      type="button"
      onClick={() => go(place)}
      className="rounded-sm text-left text-accent underline-offset-2 hover:underline"
    >
      <bdi>{text}</bdi>
    </button>
  )
}
