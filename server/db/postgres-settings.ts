/** Every embedded server listens on this "port": in a folder of its own it is only a part of the socket's name. */
export const socketPort = 5432
export const databaseUser = 'bugghost'
export const databaseName = 'bugghost'

/** One machine, one application, tens of connections: small in memory and processes, and as durable as PostgreSQL can be. */
const settings: Record<string, string | number> = {
  // Only the socket: nothing on the network can reach it, so there is no password to lose.
  listen_addresses: '',
  unix_socket_permissions: '0700',
  port: socketPort,
  max_connections: 40,

  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',

  shared_buffers: '32MB',
  max_wal_size: '256MB',
  min_wal_size: '32MB',
  // Point queries by key: planning for parallel workers or machine code only costs.
  max_parallel_workers_per_gather: 0,
  jit: 'off',
  // Three worker processes fewer.
  io_method: 'sync',

  // Nobody replicates from it; `minimal` also writes less.
  wal_level: 'minimal',
  max_wal_senders: 0,
  max_logical_replication_workers: 0,

  timezone: 'UTC',
  log_timezone: 'UTC',
  // Statements and details of errors hold people's code and the addresses of their runs: neither belongs in a log.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_parameter_max_length_on_error: 0,
  // Time and pid are added by our own log.
  log_line_prefix: '',
  log_checkpoints: 'off',
  log_min_messages: 'warning',
}

/** Arguments of `postgres`. They are given at each start, so they change with the code and not with the data folder. */
export function serverArguments(dataFolder: string, socketFolder: string): string[] {
  const all = { ...settings, unix_socket_directories: socketFolder }
  return ['-D', dataFolder, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
}

/** Arguments of `initdb`. */
export function initArguments(dataFolder: string): string[] {
  return [
    `--pgdata=${dataFolder}`,
    `--username=${databaseUser}`,
    // Whoever can reach the socket is the data's own user (or root), and could read the files as well.
    '--auth=trust',
    '--encoding=UTF8',
    // PostgreSQL's own sort order: the machine's changes with its C library, and silently breaks indexes when it does.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--data-checksums',
    '--no-instructions',
  ]
}

/** Nothing of ours: PGHOST, PGDATA and their like must not reach it. (Next's types want a NODE_ENV in every environment.) */
export const serverEnvironment = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
} as Partial<NodeJS.ProcessEnv> as NodeJS.ProcessEnv
