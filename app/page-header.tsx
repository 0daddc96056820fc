import { cookies } from 'next/headers'
import { History } from '../components/history/history.tsx'
import { SiteHeader } from '../components/ui/site-header.tsx'
import { ThemeToggle } from '../components/ui/theme.tsx'
import { themeCookie, themeOf } from '../components/ui/theme-cookie.ts'

export function PageHeader() {
  return (
    <SiteHeader>
      <HeaderEnd />
    </SiteHeader>
  )
}

/** What stands at the right end of every page's header. */
export async function HeaderEnd() {
  const theme = themeOf((await cookies()).get(themeCookie)?.value)
  return (
    <>
      <History />
      <ThemeToggle initial={theme} />
    </>
  )
}
