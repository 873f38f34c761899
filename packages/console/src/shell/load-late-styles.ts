let loading: Promise<void> | undefined;

/** Fetches the styles that the first look did not need, once; settles when they are in force. */
export function loadLateStyles(): Promise<void> {
  loading ??= fetchStyles().catch((error: unknown) => {
    // Whoever comes next tries it again.
    loading = undefined;
    throw error;
  });
  return loading;
}

function fetchStyles(): Promise<void> {
  const address = document.querySelector<HTMLMetaElement>('meta[name="late-styles"]')?.content;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = address ?? "";
  return new Promise((resolve, reject) => {
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => {
      link.remove();
      reject(new Error("the styles of this page could not be fetched"));
    });
    document.head.append(link);
  });
}
