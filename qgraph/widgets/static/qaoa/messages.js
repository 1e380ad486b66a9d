// What the QAOA explorer's script and Python say to each other, besides ../messages.js. Types only.

/**
 * @typedef {object} QAOAExplorerTraits
 * @property {GraphDocument} _document what is drawn; written by Python
 * @property {Angles} angles written by both sides
 * @property {Settings} settings written by Python
 * @property {true} [_offline] only in a page without Python
 */

/**
 * What a person chooses besides graph and angles.
 * @typedef {object} Settings
 * @property {string} problem the class
 * @property {number} colors of colorings and cuts into parts
 * @property {number} cvar the share of outcomes whose mean is optimised
 * @property {boolean} warm_start whether the state starts near a solution of Goemans and Williamson
 * @property {number} shots of the sample; 0 for none
 * @property {number} noise the probability that a two-qubit gate depolarises; 0 for no noisy run
 * @property {number} starts of an optimisation
 * @property {"all to all" | "line" | "ring" | "grid" | "heavy hex"} coupling of the qubits of a device
 */

/**
 * @typedef {object} UsePreset
 * @property {"preset"} kind
 * @property {string} view
 * @property {string} value the name that `presets` gives the angles
 */

/**
 * @typedef {object} Optimise
 * @property {"optimise"} kind
 * @property {string} view
 * @property {"here" | "interpolate"} value where the optimisation starts
 */

/**
 * @typedef {object} Cancel
 * @property {"cancel"} kind
 * @property {string} view
 */

/**
 * Take the first angles of the present depth.
 * @typedef {object} Reset
 * @property {"reset"} kind
 * @property {string} view
 */

/**
 * @typedef {object} ChangeSetting
 * @property {"setting"} kind
 * @property {string} view
 * @property {{name: string, value: string | number | boolean}} value
 */

/**
 * "text": "python", "qasm" or "state", answered by `TextMessage`.
 * "find": a solver, answered by `AnswerMessage`.
 * @typedef {object} Ask
 * @property {"text" | "find"} kind
 * @property {string} view
 * @property {string} value
 */

/**
 * @typedef {object} OpenState
 * @property {"open"} kind
 * @property {string} view
 * @property {string} value JSON of a saved state
 */

/**
 * What does not depend on the angles. Parts: guess float32[bins], the distribution of random guesses; gates
 * int32[m, 3], two qubits and a column for each coupling, empty if there are too many to draw.
 * @typedef {object} ProblemMessage
 * @property {"problem"} kind
 * @property {string[]} problems the classes to choose from
 * @property {string[]} nodes of the graph
 * @property {string[]} qubits the names of the bits
 * @property {"maximize" | "minimize"} sense
 * @property {boolean} constrained whether solutions can break rules
 * @property {number | null} colors of colorings and cuts into parts
 * @property {boolean} state whether there is a state; without one `span`, `optimum` and `worst` are null
 * @property {string} reading what the braces of a solution mean
 * @property {[number, number] | null} span of the distributions' objective values
 * @property {number} random the mean objective of random guesses
 * @property {number | null} optimum
 * @property {number | null} worst
 * @property {number | null} bound a limit of the objective; the optimum where it is known
 * @property {[number, number]} gamma range of the landscape (rad)
 * @property {[number, number]} beta range of the landscape (rad)
 * @property {string[]} presets names of published angles
 * @property {number} couplings two-qubit gates of a layer
 * @property {number} fields single-qubit gates of a layer's costs
 * @property {number} width columns of gates of a layer
 * @property {number[] | null} steps the depths of the circuits with 1, 2, ... layers
 */

/**
 * The state after each layer, or of the last one alone. Parts: heights float32[L, bins]; probabilities and
 * objectives, float32[L, most]; labels uint8[L, most, n] of the most likely solutions, 255 for none;
 * feasible uint8[L, most]; heights of the sample float32[bins]; correlations of edges float32[edges].
 * @typedef {object} ViewMessage
 * @property {"view"} kind
 * @property {boolean} live whether an optimisation shows how far it is
 * @property {Angles} angles
 * @property {number[]} layers that are described, L of them
 * @property {(number | null)[]} expectations
 * @property {(number | null)[]} chances the probability of an optimal solution
 * @property {Object<string, number | null>[]} merits ratios by name; null where undefined
 * @property {[number, number, number]} shape L, most, n
 * @property {Sample | null} sampled the sample after the last layer
 * @property {string | null} reason why something is missing
 */

/**
 * What shots have found. Scripts add `heights`, the share of the shots in each bin.
 * @typedef {object} Sample
 * @property {number} shots
 * @property {number} mean
 * @property {number} error the standard error of the mean
 * @property {number} best
 * @property {number} optimal the share of optimal shots
 * @property {number | null} feasible the share of shots that keep the rules; null without rules
 */

/**
 * Part: heights float32[bins].
 * @typedef {object} NoisyMessage
 * @property {"noisy"} kind
 * @property {number} noise
 * @property {Sample | null} figures null if there is a reason
 * @property {string | null} reason why there is no noisy run
 */

/**
 * @typedef {object} RoutedMessage
 * @property {"routed"} kind
 * @property {string} coupling
 * @property {number} layers
 * @property {number | null} depth
 * @property {number | null} two_qubit CX gates
 * @property {string | null} reason why there are no figures
 */

/**
 * @typedef {object} TextMessage
 * @property {"text"} kind
 * @property {string} view that asked for it
 * @property {"python" | "qasm" | "state"} what
 * @property {string} text
 */

/**
 * What another solver has found. Part: labels uint8[n] of the graph's nodes, 255 for none.
 * @typedef {object} AnswerMessage
 * @property {"answer"} kind
 * @property {string} solver
 * @property {boolean} running
 * @property {OtherSolution | null} solution
 * @property {string | null} reason why there is no solution
 */

/**
 * @typedef {object} OtherSolution
 * @property {number} objective
 * @property {number | null} bound
 * @property {boolean} optimal whether it is proved
 * @property {boolean} feasible
 * @property {number} seconds
 */

/**
 * Part: expectations float32[gammas, betas]; NaN where nothing is computed yet.
 * @typedef {object} LandscapeMessage
 * @property {"landscape"} kind
 * @property {[number, number]} shape gammas, betas
 */

/**
 * @typedef {object} ProgressMessage
 * @property {"progress"} kind
 * @property {boolean} running
 * @property {number} first the number of points that were sent before
 * @property {ProgressPoint[]} points
 */

/** @typedef {[number, number, number]} ProgressPoint evaluations, best expectation, depth */
