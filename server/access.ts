import type { ActorId } from '../protocol/ids.ts'

export type Action = 'read' | 'share' | 'write' | 'signal' | 'cancel' | 'update' | 'delete'

/** Whoever knows the address of a run may read it and pass it on: that is what sharing means. Only who made it may act on it. */
export function may(actorId: ActorId, action: Action, run: { actorId: ActorId }): boolean {
  switch (action) {
    case 'read':
    case 'share':
      return true
    case 'write':
    case 'signal':
    case 'cancel':
    case 'update':
    case 'delete':
      return actorId === run.actorId
    default:
      return action satisfies never
  }
}

/** Why not, for the person who tried. */
export function refusalOf(action: Exclude<Action, 'read' | 'share'>): string {
  const act = {
    write: 'type into it',
    signal: 'send it signals',
    cancel: 'stop it',
    update: 'name or pin it',
    delete: 'delete it',
  }[action]
  return `This run belongs to someone else: you can watch it, but only who started it can ${act}. Run a copy of your own instead.`
}
