// Who finds a QR code in a picture: the browser where it can, else a decoder that is fetched only
// when somebody wants to scan. Either way no picture leaves the page.

export interface Detector {
  detect(source: HTMLVideoElement | ImageBitmap): Promise<readonly { readonly rawValue: string }[]>;
}

interface NativeDetector {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
}

export async function startDetector(): Promise<Detector> {
  const formats = ['qr_code'];
  const native = (globalThis as { BarcodeDetector?: NativeDetector }).BarcodeDetector;
  try {
    if (native !== undefined && (await native.getSupportedFormats()).includes('qr_code')) {
      return new native({ formats });
    }
  } catch {
    // What some browsers announce, they do not have.
  }
  const { BarcodeDetector } = await import('qr/decode.js');
  return new BarcodeDetector({ formats: ['qr_code'] });
}

/** Why there is no picture of the camera. */
export type NoCamera = 'none' | 'refused' | 'busy';

export async function startCamera(): Promise<MediaStream | NoCamera> {
  // Not there where the page came without encryption.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) return 'none';
  try {
    return await devices.getUserMedia({ video: { facingMode: 'environment' }, audio: false });
  } catch (error) {
    const name = error instanceof DOMException ? error.name : '';
    if (name === 'NotAllowedError' || name === 'SecurityError') return 'refused';
    return name === 'NotReadableError' || name === 'AbortError' ? 'busy' : 'none';
  }
}
