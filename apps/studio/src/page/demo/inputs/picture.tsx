import type { DemoPicture, PictureInput } from '@motley/core/demo';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ErrorLine } from '../parts/error-line.tsx';
import { Picture } from '../parts/picture.tsx';
import { FileButton } from './file-button.tsx';
import type { InputProps } from './props.ts';
import { pictureOf, readPicture } from './read-picture.ts';

/** Picture by file, drop, paste or camera. */
export function PictureControl({ input, value, onChange, label }: InputProps<PictureInput, DemoPicture>) {
  const [error, setError] = useState('');
  const [isOver, setOver] = useState(false);
  const [stream, setStream] = useState<MediaStream | undefined>(undefined);

  const take = async (blob: Blob | null | undefined): Promise<void> => {
    if (!blob) return;
    try {
      onChange(await readPicture(blob, input.maxPixels));
      setError('');
    } catch (cause) {
      setError((cause as Error).message);
    }
  };
  useEffect(() => {
    const onPaste = (event: ClipboardEvent): void => {
      const pasted = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
      void take(pasted);
    };
    document.addEventListener('paste', onPaste);
    return () => {
      document.removeEventListener('paste', onPaste);
    };
  }, []);
  useEffect(
    () => () => {
      stopStream(stream);
    },
    [stream],
  );

  const openCamera = async (): Promise<void> => {
    try {
      setStream(await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } }));
      setError('');
    } catch {
      setError('camera: expected one that this page may use, found none');
    }
  };

  return (
    <div
      class={`demo-drop ${isOver ? 'is-over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => {
        setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void take(event.dataTransfer?.files[0]);
      }}
    >
      {stream !== undefined ? (
        <Camera
          stream={stream}
          onPicture={(picture) => {
            setStream(undefined);
            if (picture !== undefined) onChange(picture);
          }}
        />
      ) : value === undefined ? (
        <p class="demo-empty">Drop or paste a picture here</p>
      ) : (
        <Picture image={value} label={label} />
      )}
      <div class="demo-tools">
        <FileButton
          label={label}
          accept="image/png,image/jpeg,image/gif,image/webp,image/bmp"
          onFile={(chosen) => void take(chosen)}
        />
        <button type="button" onClick={() => void openCamera()}>
          Camera
        </button>
      </div>
      <ErrorLine text={error} />
    </div>
  );
}

interface CameraProps {
  readonly stream: MediaStream;
  readonly onPicture: (picture: DemoPicture | undefined) => void;
}

function Camera({ stream, onPicture }: CameraProps) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    video.current!.srcObject = stream;
  }, [stream]);
  return (
    <>
      <video ref={video} autoPlay playsInline muted />
      <div class="demo-tools">
        <button
          type="button"
          class="is-main"
          onClick={() => {
            const { videoWidth, videoHeight } = video.current!;
            if (videoWidth > 0) onPicture(pictureOf(video.current!, videoWidth, videoHeight));
          }}
        >
          Take the picture
        </button>
        <button
          type="button"
          onClick={() => {
            onPicture(undefined);
          }}
        >
          Cancel
        </button>
      </div>
    </>
  );
}

function stopStream(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
