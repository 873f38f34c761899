import { useCallback, useEffect, useRef, useState } from "react";
import type { RefObject } from "react";

interface FollowEnd {
  /** The person reads further above. */
  readonly isAway: boolean;
  readonly toEnd: () => void;
}

const nearPixels = 120;

/**
 * Keeps the end of the page in sight while something in it grows, unless the person scrolled up to
 * read; then nothing moves until they come back to the end.
 */
export function useFollowEnd(growing: RefObject<HTMLElement | null>): FollowEnd {
  const [isAway, setAway] = useState(false);
  const isFollowing = useRef(true);
  const lastTop = useRef(0);
  useEffect(() => {
    const onScroll = () => {
      const top = window.scrollY;
      // Only a person scrolls up; what grows below is none of their doing.
      if (top < lastTop.current - 1) isFollowing.current = false;
      if (leftBelow() < nearPixels) isFollowing.current = true;
      lastTop.current = top;
      setAway(!isFollowing.current);
    };
    addEventListener("scroll", onScroll, { passive: true });
    return () => removeEventListener("scroll", onScroll);
  }, []);
  useEffect(() => {
    // It is told once the page is laid out: to ask for its height any sooner would lay it out twice.
    const watch = new ResizeObserver(() => {
      if (isFollowing.current) scrollToEnd();
    });
    if (growing.current !== null) watch.observe(growing.current);
    return () => watch.disconnect();
  }, [growing]);
  const toEnd = useCallback(() => {
    isFollowing.current = true;
    setAway(false);
    scrollToEnd();
  }, []);
  return { isAway, toEnd };
}

function leftBelow(): number {
  return document.documentElement.scrollHeight - window.innerHeight - window.scrollY;
}

function scrollToEnd(): void {
  window.scrollTo({ top: document.documentElement.scrollHeight });
}
