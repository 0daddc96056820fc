/** A process. `started` is empty on systems that do not say when a process was started; there the number alone has to do. */
export type ProcessMark = { pid: number; started: string }

export function markOf(pid: number): ProcessMark

/** Whether that very process is still there, on this machine and since this boot. */
export function lives(mark: ProcessMark): boolean
