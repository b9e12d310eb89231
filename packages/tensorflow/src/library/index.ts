export { LibraryError, type LibraryErrorCode } from './errors.ts';
export { findLibrary, searchPlaces, type FindLibraryOptions, type SearchedPlace } from './find.ts';
export type { InstallRecord, LibraryVariant } from './inspect-folder.ts';
export type { InstallEvent, InstallListener } from './install/events.ts';
export { installLibrary, type InstallOptions, type InstallResult } from './install/install.ts';
export { reportInstall } from './install/report.ts';
export { cacheFolder, type LibraryLocation, type LibrarySource } from './location.ts';
