import { type NextRequest, NextResponse } from 'next/server'
import { pageHeader } from '#lib/auth/next-page.ts'
import { contentSecurityPolicy } from '#lib/content-security-policy.ts'
import { environment } from '#lib/env.ts'

/**
 * Puts the headers of a page on every answer of the console. A fresh nonce per request: Next reads it from the
 * request's policy and puts it on its own scripts; nothing else inline may run or style. This is not the lock: who
 * may do what is decided in the verbs.
 */
export function proxy(request: NextRequest) {
  // A name that is not ours may be another site's that was pointed at this address.
  const { publicUrl } = environment()
  if (request.headers.get('host') !== new URL(publicUrl).host) {
    return new NextResponse(`This console answers at ${publicUrl} only.\n`, {
      status: 400,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
    })
  }

  const nonce = crypto.randomUUID().replaceAll('-', '')
  const policy = contentSecurityPolicy(nonce, { development: process.env.NODE_ENV === 'development' })

  const headers = new Headers(request.headers)
  headers.set('x-nonce', nonce)
  headers.set('content-security-policy', policy)
  headers.set(pageHeader, request.nextUrl.pathname + request.nextUrl.search)
  const response = NextResponse.next({ request: { headers } })

  response.headers.set('content-security-policy', policy)
  // For browsers that do not know frame-ancestors.
  response.headers.set('x-frame-options', 'DENY')
  response.headers.set('x-content-type-options', 'nosniff')
  response.headers.set('referrer-policy', 'no-referrer')
  response.headers.set('cross-origin-opener-policy', 'same-origin')
  response.headers.set('permissions-policy', 'camera=(), microphone=(), geolocation=(), payment=(), usb=()')
  // Pages show key state and who is signed in: no cache keeps them, not even the one behind the back button.
  response.headers.set('cache-control', 'no-store')
  return response
}

export const config = {
  matcher: [{ source: '/((?!_next/static|_next/image|favicon.svg).*)' }],
}
