import './globals.css'
import type { Metadata, Viewport } from 'next'
import { cookies } from 'next/headers'
import { connection } from 'next/server'
import type { ReactNode } from 'react'
import { ActionsProvider } from '../components/actions/actions.tsx'
import { themeCookie, themeOf } from '../components/ui/theme-cookie.ts'
import { Providers } from '../components/ui/toasts.tsx'
import { services } from '../server/services.ts'

const description =
  'Run buggy code in a hardened sandbox, watch it stream, and share the run as one link that replays exactly what happened.'

export async function generateMetadata(): Promise<Metadata> {
  // Read here, not at build time: only a running server has services.
  await connection()
  return {
    metadataBase: new URL(services().publicUrl),
    title: { default: 'Bug Ghost, the debug replayer', template: '%s — Bug Ghost' },
    description,
    applicationName: 'Bug Ghost',
    openGraph: { siteName: 'Bug Ghost', title: 'Bug Ghost, the debug replayer', description, type: 'website' },
  }
}

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  // The page shrinks above the keyboard of a phone, so that the line one types into stays in view.
  interactiveWidget: 'resizes-content',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#ffffff' },
    { media: '(prefers-color-scheme: dark)', color: '#111117' },
  ],
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  // The nonce of the content security policy is of one request, so every page is rendered for its request.
  await connection()
  const theme = themeOf((await cookies()).get(themeCookie)?.value)
  return (
    <html lang="en" data-theme={theme === 'system' ? undefined : theme} data-editor={services().editor.path}>
      <body className="flex min-h-dvh flex-col">
        <Providers>
          <ActionsProvider>{children}</ActionsProvider>
        </Providers>
      </body>
    </html>
  )
}
