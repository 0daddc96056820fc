import '../jitless.ts'
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react'
import { io } from 'socket.io-client'
import { createApiClient } from '../../protocol/api-client.ts'
import { socketPath } from '../../protocol/channel.ts'
import { isAppError } from '../../protocol/errors.ts'
import { RunId } from '../../protocol/ids.ts'
import type { RunRequest, TerminalSize } from '../../protocol/run.ts'
import { applyEvents, emptyTranscript, type Transcript } from '../../protocol/transcript.ts'
import { beforeNextPaint, createEventBuffer } from './event-buffer.ts'
import { followRun, type RunSocket } from './follow-run.ts'
import { createRunCommands, type RunCommands } from './run-commands.ts'
import { type Link, type RunHead, type RunState, refusalOf, runReducer } from './run-state.ts'

/** A run that is known before the page asks: rendered by the server, with as much of its events as it chose to send along. */
export type KnownRun = { run: RunHead; transcript: Transcript }

/** How long a run may be known and not shown, in the hope of something to show of it. */
const foundWithinMs = 60

/** Starts a program or joins one, and follows it until it ends, over lost connections and reloads. */
export function useRun({ known, onStarted }: { known?: KnownRun; onStarted?: (run: RunHead) => void } = {}) {
  const [state, dispatch] = useReducer(
    runReducer,
    known,
    (from): RunState =>
      from ? { kind: 'following', run: from.run, transcript: from.transcript, link: 'live', problem: null } : { kind: 'none' },
  )
  /** The connection was there and is not. */
  const [lost, setLost] = useState(false)
  const api = useMemo(() => createApiClient(), [])
  const socketRef = useRef<RunSocket | null>(null)
  const commands = useRef<RunCommands | null>(null)
  const unfollow = useRef<() => void>(nothing)
  /** Counts what was asked for, so an answer that comes after the next question is dropped. */
  const turn = useRef(0)

  const socket = useCallback((): RunSocket => {
    socketRef.current ??= io({
      path: socketPath,
      autoConnect: false,
      // A proxy that does not let WebSockets through must not keep anyone from watching: long polling is tried next.
      transports: 'WebSocket' in window ? ['websocket', 'polling'] : ['polling'],
      tryAllTransports: true,
      timeout: 5000,
      reconnectionDelay: 300,
      reconnectionDelayMax: 3000,
    })
    return socketRef.current
  }, [])

  const follow = useCallback(
    (run: RunHead, from: Transcript | null = null) => {
      unfollow.current()
      const runId = RunId.parse(run.run_id)
      // The reducer folds the same events for showing; this copy is what the position is read from between renderings.
      let transcript = from ?? emptyTranscript
      // A run that has just been found is shown together with the first that is known of it: one rendering instead of two.
      let shown = from !== null
      let link: Link = 'connecting'
      const show = () => {
        if (shown) return
        shown = true
        dispatch({ type: 'found', run })
        dispatch({ type: 'link', link })
      }
      const patience = setTimeout(show, shown ? 0 : foundWithinMs)
      const buffer = createEventBuffer((events) => {
        transcript = applyEvents(transcript, events)
        show()
        dispatch({ type: 'events', runId, events })
        const newest = events.at(-1)
        if (transcript.ending) following.close()
        else if (newest && newest.seq >= transcript.nextSeq) following.again()
      }, beforeNextPaint)
      const following = followRun(socket(), runId, {
        position: () => transcript.nextSeq - 1,
        onEvents: (events, received) => buffer.add(events, received),
        onLink(now) {
          link = now
          if (shown && transcript.ending === null) dispatch({ type: 'link', link })
        },
        onRefused(problem) {
          show()
          dispatch({ type: 'problem', problem })
        },
      })
      commands.current = createRunCommands(api, socket(), runId)
      unfollow.current = () => {
        unfollow.current = nothing
        clearTimeout(patience)
        buffer.close()
        following.close()
      }
    },
    [api, socket],
  )

  const start = useCallback(
    async (request: Omit<RunRequest, 'wait'>): Promise<void> => {
      const mine = ++turn.current
      unfollow.current()
      dispatch({ type: 'start' })
      try {
        const run = await api('createRun', { body: { ...request, wait: false } })
        onStarted?.(run)
        if (mine === turn.current) follow(run)
      } catch (error) {
        if (mine === turn.current) dispatch({ type: 'refused', refusal: refusalOf(error) })
      }
    },
    [api, follow, onStarted],
  )

  /** Joins a run of before. Resolves to false when there is none with this id. */
  const join = useCallback(
    async (runId: RunId): Promise<boolean> => {
      const mine = ++turn.current
      try {
        const run = await api('getRun', { params: { run_id: runId } })
        if (mine === turn.current) follow(run)
        return true
      } catch (error) {
        if (isAppError(error) && error.code === 'not-found') return false
        if (mine === turn.current) dispatch({ type: 'refused', refusal: refusalOf(error) })
        return true
      }
    },
    [api, follow],
  )

  const attempt = useCallback((act: (run: RunCommands) => Promise<void>) => {
    const run = commands.current
    if (!run) return
    act(run).then(
      () => dispatch({ type: 'problem', problem: null }),
      (error: unknown) => {
        // The program was quicker than the person: its end is on the way and says more than a refusal would.
        if (isAppError(error) && error.code === 'conflict') return
        dispatch({ type: 'problem', problem: refusalOf(error) })
      },
    )
  }, [])

  const stop = useCallback(() => attempt((run) => run.stop()), [attempt])
  const type = useCallback((text: string) => attempt((run) => run.type(text)), [attempt])
  const resize = useCallback((size: TerminalSize) => attempt((run) => run.resize(size)), [attempt])
  const endInput = useCallback(() => attempt((run) => run.endInput()), [attempt])

  /** Does not wait until it is time to try again. */
  const retry = useCallback(() => {
    const { current } = socketRef
    if (current && !current.connected) current.disconnect().connect()
  }, [])

  const over = known?.transcript.ending != null
  useEffect(() => {
    // Connected before it is needed, so that following a run does not wait for a handshake.
    const heard = () => setLost(false)
    const gone = () => setLost(true)
    if (!over) {
      socket().on('connect', heard).on('disconnect', gone).connect()
      addEventListener('online', retry)
    }
    return () => {
      removeEventListener('online', retry)
      socketRef.current?.off('connect', heard).off('disconnect', gone)
      turn.current++
      unfollow.current()
      socketRef.current?.disconnect()
      socketRef.current = null
    }
  }, [socket, over, retry])

  useEffect(() => {
    if (known && !known.transcript.ending) follow(known.run, known.transcript)
  }, [known, follow])

  return { state, lost, retry, start, join, stop, type, endInput, resize }
}

const nothing = () => {}
