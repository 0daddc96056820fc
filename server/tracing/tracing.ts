/** W3C: which trace, and under which span of it. "00-<trace>-<span>-01" */
export type Traceparent = string

export type Attributes = Record<string, string | number | boolean>

/** A span that is over. Times are milliseconds since 1970. */
export type Span = {
  name: string
  from: number
  to: number
  attributes?: Attributes
  /** Our failure: a program that fails is none. */
  failed?: boolean
  children?: readonly Span[]
}

/** A span under which others are told, here or elsewhere, before it is over. */
export type OpenSpan = {
  /** Undefined when nobody is told. */
  traceparent: Traceparent | undefined
  end(how?: { attributes?: Attributes; failed?: boolean }): void
}

export type Tracing = {
  /** Whether anybody is told; without that nothing needs to be found out. */
  on: boolean
  open(
    name: string,
    kind: 'server' | 'producer',
    where: { under?: Traceparent | undefined; from?: number; attributes?: Attributes },
  ): OpenSpan
  /** `kind`: whether it was taken from the queue. Without `under` it is a trace of its own. */
  tell(span: Span, under: Traceparent | undefined, kind?: 'internal' | 'consumer'): void
  /** Sends what is not sent yet, if that goes quickly. */
  close(): Promise<void>
}

export const noTracing: Tracing = {
  on: false,
  open: () => ({ traceparent: undefined, end() {} }),
  tell() {},
  async close() {},
}
