import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { lives } from '../process-mark.mjs'

/** How far an image is that somebody builds. `step` of `steps` begins at 1; both are 0 until the build has said. */
export const ImageBuild = z.discriminatedUnion('state', [
  z.object({ state: z.literal('waiting'), since: z.iso.datetime() }),
  z.object({
    state: z.literal('building'),
    since: z.iso.datetime(),
    step: z.number().int().min(0),
    steps: z.number().int().min(0),
    what: z.string(),
  }),
  z.object({ state: z.literal('failed'), since: z.iso.datetime(), what: z.string() }),
])
export type ImageBuild = z.infer<typeof ImageBuild>

const Report = z.object({
  builder: z.object({ pid: z.number().int().positive(), started: z.string() }),
  images: z.record(z.string(), ImageBuild),
})

/** In the data folder; set-up writes it (scripts/setup/image-report.mjs). */
export const imageBuildsFile = 'image-builds.json'

/** By tag. What a process said that has ended since is as good as unsaid. Throws when the file cannot be read or is no such report. */
export async function readImageBuilds(path: string): Promise<ReadonlyMap<string, ImageBuild>> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map()
    throw error
  }
  const { builder, images } = Report.parse(JSON.parse(text))
  return lives(builder) ? new Map(Object.entries(images)) : new Map()
}

/** What is to be said of a version whose image is not there, and whether it is enough to wait. */
export function wordsOfMissing(image: string, build: ImageBuild | undefined): { building: boolean; message: string } {
  switch (build?.state) {
    case undefined:
      return { building: false, message: `Its image ${image} is missing. Build it with: npm run setup` }
    case 'waiting':
      return { building: true, message: 'Its image is waiting to be built.' }
    case 'building': {
      const step = build.steps > 0 ? `: step ${build.step} of ${build.steps}` : ''
      return { building: true, message: `Its image is being built${step}.` }
    }
    case 'failed':
      return {
        building: false,
        message: `Its image could not be built: ${build.what}. See why, and try again, with: npm run setup`,
      }
    default:
      return build satisfies never
  }
}
