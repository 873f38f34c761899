/** Something that knows where it is in its heap, so that it is found there at once. */
export interface HeapItem {
  /** Written by the heap alone; -1 outside. */
  heapIndex: number;
}

export interface Heap<Item extends HeapItem> {
  readonly first: () => Item | undefined;
  /** Puts an item in, or back to its place after what it is ordered by has changed. */
  readonly settle: (item: Item) => void;
  readonly remove: (item: Item) => void;
}

/** A binary heap: the first item at once, every change in logarithmic time. */
export function createHeap<Item extends HeapItem>(
  isBefore: (left: Item, right: Item) => boolean,
): Heap<Item> {
  const items: Item[] = [];
  const put = (item: Item, index: number) => {
    items[index] = item;
    item.heapIndex = index;
  };
  const rise = (item: Item) => {
    let index = item.heapIndex;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = items[above] as Item;
      if (!isBefore(item, parent)) break;
      put(parent, index);
      index = above;
    }
    put(item, index);
  };
  const sink = (item: Item) => {
    let index = item.heapIndex;
    for (;;) {
      const left = items[2 * index + 1];
      const right = items[2 * index + 2];
      const child =
        right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || !isBefore(child, item)) break;
      const below = child.heapIndex;
      put(child, index);
      index = below;
    }
    put(item, index);
  };
  const settle = (item: Item) => {
    if (item.heapIndex < 0) put(item, items.length);
    rise(item);
    sink(item);
  };
  return {
    first: () => items[0],
    settle,
    remove(item) {
      const last = items.pop();
      if (last !== undefined && last !== item) {
        put(last, item.heapIndex);
        settle(last);
      }
      item.heapIndex = -1;
    },
  };
}
