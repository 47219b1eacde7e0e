/** Lists that the server gives by pages: fetched as one scrolls, shown as one. */
import { useInfiniteQuery } from '@tanstack/react-query';

interface PageOf<T> {
  items: T[];
  next?: string | null;
}

export interface Paged<T> {
  rows: T[];
  isPending: boolean;
  error: unknown;
  hasMore: boolean;
  fetching: boolean;
  fetchMore: () => void;
  retry: () => void;
}

export const PAGE_SIZE = 100;

/** `key`: what is asked, its first word as the live feed knows it. The newest page is asked again every `every_ms`. */
export function usePaged<T>(key: unknown[], fetchPage: (cursor: string | undefined) => Promise<PageOf<T>>, every_ms = 5_000): Paged<T> {
  const known = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => fetchPage(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    // Whoever scrolled down reads in peace.
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 1 ? false : every_ms),
  });
  return {
    rows: known.data?.pages.flatMap((page) => page.items) ?? [],
    isPending: known.isPending,
    error: known.error,
    hasMore: known.hasNextPage,
    fetching: known.isFetchingNextPage,
    fetchMore: () => void known.fetchNextPage(),
    retry: () => void known.refetch(),
  };
}
