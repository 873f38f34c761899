/** Compares two by what they are ordered by now; never 0 for different ones. */
export type Compare<Item> = (left: Item, right: Item) => number;

// Beyond this share of changed ones all are sorted anew.
const fewShare = 1 / 8;

/**
 * Items in an order that is kept up while they change: whoever changes one says so, and it is moved
 * when the order is read next. Reading what did not change costs nothing.
 */
export function createNodeOrder<Item>(compare: Compare<Item>) {
  let ordered: Item[] = [];
  const changed = new Set<Item>();
  const replace = (items: readonly Item[]) => {
    ordered = items.toSorted(compare);
    changed.clear();
  };
  return {
    changed(item: Item): void {
      changed.add(item);
    },
    /** From now on it orders these. */
    replace,
    read(): readonly Item[] {
      if (changed.size > ordered.length * fewShare) replace(ordered);
      if (changed.size === 0) return ordered;
      const moved = ordered.filter((item) => changed.has(item));
      ordered = ordered.filter((item) => !changed.has(item));
      for (const item of moved) ordered.splice(findPlace(ordered, item, compare), 0, item);
      changed.clear();
      return ordered;
    },
  };
}

function findPlace<Item>(ordered: readonly Item[], item: Item, compare: Compare<Item>): number {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(ordered[middle] as Item, item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
