/** Reads QR codes from the camera: with the browser's own detector, else with jsQR. */

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}

type DetectorClass = new (options: { formats: string[] }) => Detector;

type Reader = (video: HTMLVideoElement) => Promise<string | undefined>;

const EVERY_MS = 150;
/** Enough for a code that fills a third of the picture, and quick to search. */
const SEARCHED_PX = 640;

/** Show the camera, and call with each text that it sees, until aborted. Raises DOMException. */
export async function readCodes(
  video: HTMLVideoElement, seen: (text: string) => void, signal: AbortSignal,
): Promise<void> {
  const camera = navigator.mediaDevices as MediaDevices | undefined;
  if (!camera) throw new DOMException('no camera', 'NotFoundError');
  const stream = await camera.getUserMedia({ video: { facingMode: 'environment' } });
  try {
    signal.throwIfAborted();
    video.srcObject = stream;
    await video.play();
    const read = await reader();
    while (!signal.aborted) {
      const text = video.readyState >= video.HAVE_CURRENT_DATA ? await read(video) : undefined;
      if (text && !signal.aborted) seen(text);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}

async function reader(): Promise<Reader> {
  const own = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  if (!own) return jsQrReader();
  const detector = new own({ formats: ['qr_code'] });
  return async (video) => (await detector.detect(video))[0]?.rawValue;
}

async function jsQrReader(): Promise<Reader> {
  const { default: jsQR } = await import('jsqr');
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, SEARCHED_PX / Math.max(video.videoWidth, video.videoHeight, 1));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    if (!pen || canvas.width === 0) return undefined;
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    const { data, width, height } = pen.getImageData(0, 0, canvas.width, canvas.height);
    return jsQR(data, width, height)?.data;
  };
}
