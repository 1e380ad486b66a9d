// The edits of a graph or a city: types only, as in messages.js. Each is one change, and can be undone.

/**
 * @typedef {Add | Move | Connect | Remove | ChangeNode | Weight | ChangeRoad | Multipliers
 *   | LayOut | Clear | Generate | Load} Edit
 */

/**
 * @typedef {object} Add
 * @property {"add"} kind
 * @property {string} id
 * @property {number} x
 * @property {number} y
 */

/**
 * @typedef {object} Move
 * @property {"move"} kind
 * @property {Object<string, [number, number]>} places of the nodes that have moved
 */

/**
 * @typedef {object} Connect
 * @property {"connect"} kind
 * @property {string} from
 * @property {string} to
 */

/**
 * @typedef {object} Remove
 * @property {"remove"} kind
 * @property {string[]} nodes
 * @property {Ends[]} edges
 */

/**
 * @typedef {object} ChangeNode
 * @property {"node"} kind
 * @property {string} id
 * @property {string} [to] the new name
 * @property {string} [type] the new type of a city's node
 */

/**
 * @typedef {object} Weight
 * @property {"weight"} kind
 * @property {Ends} edge
 * @property {number} value
 */

/**
 * @typedef {object} ChangeRoad
 * @property {"road"} kind
 * @property {Ends} edge
 * @property {number} [distance] km
 * @property {string} [traffic]
 * @property {boolean} [oneway]
 */

/**
 * @typedef {object} Multipliers
 * @property {"multipliers"} kind
 * @property {Object<string, number>} value by traffic; the others stay
 */

/**
 * @typedef {object} LayOut
 * @property {"layout"} kind
 * @property {string} value one of the layouts in `Tools`
 */

/**
 * @typedef {object} Clear
 * @property {"clear"} kind
 */

/**
 * @typedef {object} Generate
 * @property {"generate"} kind
 * @property {string} name one of the generators in `Tools`
 * @property {Object<string, number>} values
 */

/**
 * @typedef {object} Load
 * @property {"load"} kind
 * @property {string} name of the file; its ending names the format
 * @property {string} data the file's bytes in base64
 */
