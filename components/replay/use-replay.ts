import { useCallback, useEffect, useReducer, useState } from 'react'
import { atTheEnd, positionAt, replayReducer, type Speed } from './moment.ts'

/** A replay of a run of `length` milliseconds. It stands at the end until somebody plays it. */
export function useReplay(length: number) {
  const [replay, dispatch] = useReducer(replayReducer, atTheEnd)
  const [now, setNow] = useState(0)
  const playing = replay.since !== null
  const position = positionAt(replay, now, length)

  useEffect(() => {
    if (!playing) return
    let frame = requestAnimationFrame(function tick() {
      setNow(performance.now())
      frame = requestAnimationFrame(tick)
    })
    return () => cancelAnimationFrame(frame)
  }, [playing])

  useEffect(() => {
    if (playing && position >= length) dispatch({ type: 'stop', length })
  }, [playing, position, length])

  const act = useCallback(
    (action: { type: 'play' | 'pause' } | { type: 'seek'; to: number } | { type: 'speed'; speed: Speed }) => {
      const at = performance.now()
      setNow(at)
      dispatch({ ...action, now: at, length })
    },
    [length],
  )
  return { position, playing, speed: replay.speed, act }
}
