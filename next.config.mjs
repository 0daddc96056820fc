// Nothing leaves the machine this runs on, and Next reads this before it would send anything.
process.env.NEXT_TELEMETRY_DISABLED = '1'

/** @type {import('next').NextConfig} */
export default {
  reactStrictMode: true,
  poweredByHeader: false,
  // Pages and scripts shrink to a quarter. Event streams opt out by `Cache-Control: no-transform`.
  compress: true,
  // A run in another form has its own address with an ending; see app/api/runs/[run_id]/exports.
  rewrites: async () => [
    { source: '/r/:run_id([0-9A-Za-z]{24}).:form(txt|json|md|cast|zip)', destination: '/api/runs/:run_id/exports/:form' },
  ],
  // No /_next/image: it would fetch and resize on anyone's behalf, and there is nothing here to resize.
  images: { unoptimized: true },
  // A lock file in some folder above must not move the root of the project there.
  turbopack: { root: import.meta.dirname },
  // Types are checked by `npm run check`, with the whole project and not only what the pages reach.
  typescript: { ignoreBuildErrors: true },
  // In development Next would ask a registry whether a newer one exists.
  experimental: { agentUpgrade: false },
}
