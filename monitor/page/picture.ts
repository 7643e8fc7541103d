import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from './html.ts';

/** One observer for all pictures: those out of sight are not fetched. */
const seen = new Map<Element, (visible: boolean) => void>();
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) seen.get(target)?.(isIntersecting);
  },
  { rootMargin: '200px' },
);

interface PictureProps {
  /** Path of the picture, from the page API. */
  readonly source: string | undefined;
  readonly label: string;
  /** What is shown while there is none. */
  readonly placeholder: VNode;
}

/** A picture that changes: the next one takes the place of the last when it has been decoded, without a flash. */
export function Picture({ source, label, placeholder }: PictureProps): VNode {
  const box = useRef<HTMLDivElement>(null);
  const [visible, setVisible] = useState(false);
  const [shown, setShown] = useState<string>();

  useEffect(() => {
    const element = box.current!;
    seen.set(element, setVisible);
    observer.observe(element);
    return () => {
      observer.unobserve(element);
      seen.delete(element);
    };
  }, []);

  useEffect(() => {
    if (!visible || source === undefined) return;
    let current = true;
    const next = new Image();
    next.src = `.${source}`;
    next.decode().then(
      () => current && setShown(next.src),
      // The picture is gone or the server is: the last one stays.
      () => {},
    );
    return () => {
      current = false;
    };
  }, [visible, source]);

  return html`
    <div class="picture" ref=${box}>
      ${shown === undefined ? placeholder : html`<img src=${shown} alt=${label} draggable=${false} />`}
    </div>
  `;
}
