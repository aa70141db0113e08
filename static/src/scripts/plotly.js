// plotly.js with the traces that the charts of pages draw, of the version that the Python package
// plotly brings.
import Plotly from "plotly.js/lib/core.js";
import bar from "plotly.js/lib/bar.js";
import heatmap from "plotly.js/lib/heatmap.js";
import icicle from "plotly.js/lib/icicle.js";
import sankey from "plotly.js/lib/sankey.js";
import sunburst from "plotly.js/lib/sunburst.js";
import treemap from "plotly.js/lib/treemap.js";

Plotly.register([bar, heatmap, icicle, sankey, sunburst, treemap]);
window.Plotly = Plotly;
