import { startAges } from "./ages.js";
import { startCopying } from "./copying.js";
import { startDialogs } from "./dialogs.js";
import { startMenus } from "./menus.js";
import { startNavigation } from "./navigation.js";
import { startPalette } from "./palette.js";
import { startTheme } from "./theme-choice.js";
import { startToggles } from "./toggles.js";
import { startTrees } from "./trees.js";

startTheme();
startNavigation();
startMenus();
startDialogs();
startPalette();
startCopying();
startToggles();
startTrees();
startAges();
