//! Values as `DotApparel` really sends them: text for numbers, words for booleans, blanks for nothing.
