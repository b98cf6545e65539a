/** Node 20 and phones of 2023 lack it; libp2p needs it. */
if (!('withResolvers' in Promise)) {
  Object.defineProperty(Promise, 'withResolvers', {
    value<T>() {
      let settle: unknown[] = [];
      const promise = new Promise<T>((resolve, reject) => {
        settle = [resolve, reject];
      });
      return { promise, resolve: settle[0], reject: settle[1] };
    },
    writable: true,
    configurable: true,
  });
}

export {};
