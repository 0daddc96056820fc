import { configDefaults, defineConfig } from 'vitest/config'

const tests = '**/*.test.{ts,tsx}'
const needPostgres = '**/*.postgres.test.{ts,tsx}'
const needRedis = '**/*.redis.test.{ts,tsx}'
const needDocker = '**/*.docker.test.{ts,tsx}'
const notOurs = [...configDefaults.exclude, '.next/**', '.tooling/**', 'dist/**', 'data/**', 'e2e/**']

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: [tests],
          exclude: [...notOurs, needPostgres, needRedis, needDocker],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'postgres',
          environment: 'node',
          include: [needPostgres],
          exclude: notOurs,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'redis',
          environment: 'node',
          include: [needRedis],
          exclude: notOurs,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'docker',
          environment: 'node',
          include: [needDocker],
          exclude: notOurs,
          // Side by side the files would share the cores, and a limit on CPU or wall time would mean something else each time.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
