import type { Upload } from './types'
import { callHeaders, noticeRefusal } from './client'
import { ApiError, networkError, problemOf } from './errors'

export interface UploadJob {
  done: Promise<Upload>
  abort: () => void
}

/* XMLHttpRequest, because fetch does not report upload progress. */
export function uploadFile(file: File, onProgress: (sent: number) => void): UploadJob {
  const x = new XMLHttpRequest()
  const done = new Promise<Upload>((resolve, reject) => {
    x.open('POST', `/api/v1/uploads?filename=${encodeURIComponent(file.name)}`)
    x.responseType = 'json'
    for (const [k, v] of Object.entries(callHeaders('POST'))) x.setRequestHeader(k, v)
    x.setRequestHeader('Content-Type', 'application/octet-stream')
    x.upload.onprogress = (e) => onProgress(e.loaded)
    x.onerror = () => reject(networkError())
    x.onabort = () => reject(new ApiError({ status: 0, code: 'cancelled' }))
    x.onload = () => {
      if (x.status < 300) return resolve(x.response as Upload)
      const p = problemOf(x.status, x.response, x.getResponseHeader('Retry-After'))
      noticeRefusal(p.status, p.code)
      reject(p)
    }
    x.send(file)
  })
  return { done, abort: () => x.abort() }
}
