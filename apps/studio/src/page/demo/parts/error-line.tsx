/** What went wrong, in one line. Nothing where nothing did. */
export function ErrorLine({ text }: { readonly text: string }) {
  return text === '' ? null : (
    <p class="demo-error" role="alert">
      {text}
    </p>
  );
}
