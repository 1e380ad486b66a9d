// What the scripts and Python say to each other. Types only: Python does not join this file to the others.
// The types of edits are in editing/edits.js, those of the QAOA explorer alone in qaoa/messages.js.
// tests/widgets/test_scripts.py compares it with what both sides send and handle.
//
// The state of a widget is in traits, which both sides have. Scripts change `angles` only; everything else
// that a person does is a message to Python. Python checks it and answers by a new document or a refusal.

// -- traits -----------------------------------------------------------------------------------------

/**
 * @typedef {object} GraphEditorTraits
 * @property {GraphDocument} _document what is drawn; written by Python
 * @property {true} [_offline] only in a page without Python
 */

/**
 * @typedef {object} RouteExplorerTraits
 * @property {GraphDocument} _document what is drawn; written by Python
 * @property {number} depth the number of QAOA's layers; written by Python
 * @property {"grover" | "swap"} mixer of QAOA; written by Python
 * @property {true} [_offline] only in a page without Python
 */

/**
 * A graph or a city, and what is marked in it.
 * @typedef {object} GraphDocument
 * @property {"graph" | "city"} mode
 * @property {GraphNode[]} nodes
 * @property {GraphEdge[]} edges
 * @property {boolean} undo whether there is a change to undo
 * @property {boolean} redo whether there is a change to redo
 * @property {Answer} answers the last message that Python received
 * @property {Object<string, 0 | 1> | null} [labels] a cut to show: the side of each node
 * @property {string[] | null} [route] stops in order
 * @property {string[][]} [ways] for each leg of the route, the nodes on its way
 * @property {Tools} tools what Python can make of it
 * @property {Object<string, number>} [traffic_multipliers] of a city: travel time per km, by traffic
 * @property {boolean} [through_stops] of a city: whether ways may lead through stops
 * @property {string} [metric] of a city without roads
 */

/**
 * @typedef {object} Tools
 * @property {string[]} layouts
 * @property {Object<string, Object<string, number>>} generators the values that each takes
 * @property {string[]} endings of files that can be imported
 */

/**
 * @typedef {object} GraphNode
 * @property {string} id
 * @property {number} x
 * @property {number} y
 * @property {string} [label]
 * @property {"priority" | "normal" | "depot" | "junction"} [type] of a city's nodes
 * @property {number} [tier] of a city's stops
 */

/**
 * @typedef {object} GraphEdge
 * @property {string} from
 * @property {string} to
 * @property {number} [weight] of a graph's edges
 * @property {number} [distance] of a city's roads (km)
 * @property {"low" | "medium" | "high"} [traffic] of a city's roads
 * @property {boolean} [oneway] of a city's roads
 */

/**
 * The message that Python has answered; empty before the first.
 * @typedef {object} Answer
 * @property {string} [view]
 * @property {number} [number]
 */

/** @typedef {[number[], number[]]} Angles gammas and betas (rad), one of each for every layer */

/** @typedef {[string, string]} Ends the two nodes of an edge, in its own order */

// -- scripts to Python ------------------------------------------------------------------------------

/** @typedef {NumberedMessage | UnnumberedMessage} ToPython */
/**
 * Answered by a new `_document` or by `Refused`; both name the view and the number.
 * @typedef {EditMessage | UndoMessage} NumberedMessage
 */

/**
 * Without an answer of their own: a trait changes or other messages follow.
 * @typedef {Hello | SetAspect | Export | SetDepth | UsePreset | Reset | Optimise | Cancel | ChangeSetting
 *   | Ask | OpenState | SetMixer} UnnumberedMessage
 */

/**
 * One gesture, one change of the graph.
 * @typedef {object} EditMessage
 * @property {"edit"} kind
 * @property {string} view
 * @property {number} number counts the messages of the view, from 1
 * @property {Edit} edit
 */

/**
 * @typedef {object} UndoMessage
 * @property {"undo" | "redo"} kind
 * @property {string} view
 * @property {number} number
 */

/**
 * An explorer's view is there: Python sends everything that it shows, and does so from now on.
 * @typedef {object} Hello
 * @property {"hello"} kind
 * @property {string} view
 */

/**
 * The shape of a canvas. Python lays out graphs without coordinates for it.
 * @typedef {object} SetAspect
 * @property {"aspect"} kind
 * @property {string} view
 * @property {number} value width / height
 */

/**
 * Answered by `Exported`.
 * @typedef {object} Export
 * @property {"export"} kind
 * @property {string} view
 */

/**
 * @typedef {object} SetDepth
 * @property {"depth"} kind
 * @property {string} view
 * @property {number} value layers
 */

/**
 * @typedef {object} SetMixer
 * @property {"mixer"} kind
 * @property {string} view
 * @property {string} value
 */

// -- Python to scripts ------------------------------------------------------------------------------

/**
 * Some have binary parts, which come beside the content as `DataView[]`.
 * @typedef {Refused | Exported | ProblemMessage | ViewMessage | LandscapeMessage | ProgressMessage
 *   | EndMessage | NoisyMessage | RoutedMessage | TextMessage | AnswerMessage | RoutesMessage} FromPython
 */

/**
 * A message to Python cannot be followed.
 * @typedef {object} Refused
 * @property {"refused"} kind
 * @property {string} message why
 * @property {string} view
 * @property {number} number 0 for messages without a number
 */

/**
 * The graph or city as a file, for one view.
 * @typedef {object} Exported
 * @property {"exported"} kind
 * @property {string} view
 * @property {string} text JSON
 */

/**
 * "finished": an optimisation of the QAOA explorer has ended. "failed": something could not be computed.
 * @typedef {object} EndMessage
 * @property {"finished" | "failed"} kind
 * @property {string} message
 */

/**
 * @typedef {object} RoutesMessage
 * @property {"routes"} kind
 * @property {RouteColumn[]} columns
 * @property {number | string} routes how many respect the priorities; in words if too many to count exactly
 * @property {number} bits of a one-hot encoding
 * @property {number | null} chance the probability of an optimal route in QAOA's state
 * @property {number | null} mean travel time of QAOA's samples
 * @property {number} random mean travel time of random routes
 * @property {number | null} luck the probability that a random route is optimal
 */

/**
 * One solver's route; only `name` and `error` where there is none.
 * @typedef {object} RouteColumn
 * @property {"exact" | "greedy" | "qaoa"} name
 * @property {string | null} [error] null while it is being solved
 * @property {string[]} [route]
 * @property {string[][]} [ways] for each leg, the nodes on its way
 * @property {{from: string, to: string, time: number}[]} [legs]
 * @property {number} [time] travel time
 * @property {number} [distance] km
 * @property {string[]} [violations]
 * @property {boolean} [optimal] whether it is proved
 */
