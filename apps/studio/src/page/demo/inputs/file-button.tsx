import { useRef } from 'preact/hooks';

interface FileButtonProps {
  readonly label: string;
  /** Media types, as in `accept` of an input. */
  readonly accept: string;
  readonly onFile: (file: File | undefined) => void;
}

/** Button that asks for a file. */
export function FileButton({ label, accept, onFile }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        onClick={() => {
          input.current!.click();
        }}
      >
        File…
      </button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={`${label}: file`}
        accept={accept}
        onChange={({ currentTarget }) => {
          onFile(currentTarget.files?.[0]);
          currentTarget.value = '';
        }}
      />
    </>
  );
}
