import type Docker from 'dockerode'
import { readImagePlan } from '../sandbox/images/image-plan.mjs'
import { table } from './statistics.ts'

export type ImageSize = { name: string; bytes: number; ownBytes: number }

/** Every image the engine has of the plan's, and what of it is not already in the image it stands on. */
export async function measureImages(docker: Docker, sandboxFolder: string): Promise<ImageSize[]> {
  const sizes = new Map<string, number>()
  const images: ImageSize[] = []
  for (const { tag, base } of await readImagePlan(sandboxFolder)) {
    const bytes = await sizeOf(docker, tag)
    if (bytes === null) continue
    sizes.set(tag, bytes)
    images.push({
      name: tag.replace(/-?[0-9a-f]{12}$/, '').replace(/:$/, ''),
      bytes,
      ownBytes: bytes - ((base && sizes.get(base)) || 0),
    })
  }
  return images
}

async function sizeOf(docker: Docker, tag: string): Promise<number | null> {
  try {
    return (await docker.getImage(tag).inspect()).Size
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return null
    throw error
  }
}

export function describeImages(images: readonly ImageSize[]): string {
  const mb = (bytes: number) => String(Math.round(bytes / 1e6))
  const all = images.reduce((sum, { ownBytes }) => sum + ownBytes, 0)
  return table(
    ['Image', 'MB', 'of its own'],
    [...images.map(({ name, bytes, ownBytes }) => [name, mb(bytes), mb(ownBytes)]), ['all, shared layers once', '', mb(all)]],
  )
}
