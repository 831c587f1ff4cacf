// In: the films of films.json. Out: candidate lists of any length, as a server would send them.
// Beyond the catalogue's size films repeat under ids of their own, such as "296#2".
// Must never change a film.

export async function loadFilms(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The films could not be loaded (${response.status}).`);
  return response.json();
}

/** `size` candidates in the server's order: by score, films without one last. */
export function candidates(films, size) {
  const list = [];
  for (let round = 1; list.length < size; round += 1) {
    for (const film of films.slice(0, size - list.length)) list.push(candidate(film, round));
  }
  const score = (one) => one.score ?? -Number.MAX_VALUE;
  return list.sort((a, b) => score(b) - score(a));
}

function candidate(film, round) {
  return {
    id: round === 1 ? String(film.id) : `${film.id}#${round}`,
    title: film.title,
    tags: [...film.genres, ...film.themes],
    score: film.score,
    fields: { year: film.year, popularity: film.popularity },
    ...(film.vector && { vector: film.vector, basis: film.basis }),
    film,
    copy: round,
  };
}
