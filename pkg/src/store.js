// In: a name. Out: bytes by key in IndexedDB.
// As much of idb-keyval as is needed here: the package has no dependency.
// Must never keep a database open that another tab wants to remove.

const TABLE = 'sessions';

export async function openStore(name) {
  if (!globalThis.indexedDB) throw new Error('This page has no IndexedDB.');
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
  const database = await result(request);
  database.onversionchange = () => database.close();
  const run = async (mode, call) => {
    const transaction = database.transaction(TABLE, mode);
    const done = finished(transaction);
    done.catch(() => {}); // the request says it first
    const value = await result(call(transaction.objectStore(TABLE)));
    await done;
    return value;
  };
  return {
    get: (key) => run('readonly', (table) => table.get(key)),
    set: (key, value) => run('readwrite', (table) => table.put(value, key)),
    delete: (key) => run('readwrite', (table) => table.delete(key)),
    close: () => database.close(),
  };
}

function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error('Another tab blocks the store.'));
  });
}

/** @returns {Promise<void>} */
function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error('The store gave up.'));
  });
}
