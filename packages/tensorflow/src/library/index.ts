export { LibraryError, type LibraryErrorCode } from './errors.ts';
export { findLibrary, searchPlaces, type FindLibraryOptions, type SearchedPlace } from './find.ts';
export { cacheFolder, type LibraryLocation, type LibrarySource } from './location.ts';
