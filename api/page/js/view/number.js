// A number of an answer on its way to the page: what the API gave, where it gave it, and how it is written.
export const num = (value, field, text) => ({ value, field, text });

// In bold, and in the tone of a class: pieces of a sentence.
export const strong = (parts) => ({ strong: [parts].flat() });
export const toned = (tone, parts) => ({ tone, parts: [parts].flat() });
